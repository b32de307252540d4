// NodeEnvironment
