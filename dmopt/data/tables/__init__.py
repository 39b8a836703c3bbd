"""The tables of an instance, by what they are about; schema.py has all of them."""
