"""What reviewers ask of a release: what changed, whether it is sound, where a number is from."""
