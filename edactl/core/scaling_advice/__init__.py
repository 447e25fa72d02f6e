"""What target, minimum and maximum meet a latency, and whether scaling can meet it at all."""
