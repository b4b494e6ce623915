"""[[.Title]]: [[.Description]]."""
