"""What the steps do: opening, stopping, promoting, moving users, closing; and what guards and operators do."""
