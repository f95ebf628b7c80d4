"""Sites outside AWS on the twin: real servers, the site's own processes beside them, and the door to AWS.

Nothing is imported here: the programs of a site's host are modules of this package, and start in little time.
"""
