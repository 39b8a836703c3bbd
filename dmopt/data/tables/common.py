"""Columns that several tables have."""

from dmopt.data.column import INF, num, share

X = num("x", "easting or longitude in the instance's CRS", low=-INF)
Y = num("y", "northing or latitude in the instance's CRS", low=-INF)
SETUP = num("setup_yr", "years from order to running", 0.0)
PUBLIC = share("public_share", "share of the capital that is public money", 0.0)
