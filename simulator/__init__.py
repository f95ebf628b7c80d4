"""The other stage: the same state machines and step code in virtual time."""
