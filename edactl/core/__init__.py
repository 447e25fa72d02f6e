"""The rules of the field, pure: no clock, IO, environment or randomness."""
