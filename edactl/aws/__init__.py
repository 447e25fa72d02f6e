"""The one AWS session layer and one thin adapter per service. Returns core types."""
