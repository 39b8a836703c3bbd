"""A planner's own region: an ordinary instance from a place or from own boundaries."""
