"""Queueing maths of a queue and the tasks that drain it: waits, staffing, surges, estimates."""
