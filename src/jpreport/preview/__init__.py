"""The page beside the notebook: served on this machine, made again with every saved change."""
