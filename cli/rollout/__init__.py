"""A version's way to the users: two colours in each region, turned one region after another, and turned back."""
