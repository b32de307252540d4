// LimnCommands
