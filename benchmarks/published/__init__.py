"""The published ways of doing the same work, written anew from their description, as baselines."""
