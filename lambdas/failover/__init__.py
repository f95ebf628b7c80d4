"""The domain of Lifeboat: what must hold when a region is lost, free of AWS, time and chance."""
