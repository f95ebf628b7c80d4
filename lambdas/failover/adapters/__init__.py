"""How the ports are fulfilled: on AWS, in memory, over HTTP and SQL."""
