"""A model of tasks that drain a queue while a scaling policy watches its metrics.

Application Auto Scaling's algorithm is not public. The controllers follow the rules that AWS
documents; where it is silent the module says what is assumed. Results are of this model.
"""
