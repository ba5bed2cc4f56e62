"""JupyterLab: the report's own prose beside the cells, and what is saved."""
