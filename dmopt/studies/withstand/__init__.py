"""The cheapest plan that still serves enough when any one thing is lost."""
