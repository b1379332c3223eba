"""What the program asks of public services, and where it keeps the answers.

Only `planner.fetching` calls these modules, and only when a command needs data that are not on this
machine; nothing else of the program opens a connection.
"""
