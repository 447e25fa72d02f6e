"""The IAM actions that each command needs, a module for each noun."""
