extension StoreWriter {
    public func indexPending(limit: Int) throws -> Int { 0 }
}
