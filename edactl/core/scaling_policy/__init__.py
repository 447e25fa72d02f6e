"""A policy of Application Auto Scaling for a service on a queue, and what is deployed."""
