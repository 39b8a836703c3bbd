"""Views of a plan: a printed map and a styled GeoPackage. They never solve."""
