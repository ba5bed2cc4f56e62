"""One design language: colours, type and spacing."""
