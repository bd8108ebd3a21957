"""What changed between two versions of a policy, written for people, pull requests and programs: a form a file."""
