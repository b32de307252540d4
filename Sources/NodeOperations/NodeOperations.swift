// NodeOperations
