"""Why a plan is as it is, or why there is none, in the user's own rules and figures."""
