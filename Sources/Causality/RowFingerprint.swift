extension CompactRow {
    /// The keyed hash of all that `join` reads of a row: id, kind, writes with headers and bytes, context, scopes left.
    ///
    /// Equal rows have equal hashes on every replica, however they are compressed or laid out.
    public func fingerprint(id: RowID, kind: UInt64, key: HashKey) -> Digest128 {
        var hash = SipHash128(key: key)
        hash.update(id.high)
        hash.update(id.low)
        hash.update(kind)
        hash.update(UInt64(plain.count + exceptions.count))
        let authorship = base.map { Digest128(of: $0.dot, $0.header, key: key) } ?? .zero
        plain.withUnsafeCells { plain in
            var nextPlain = 0, nextException = 0
            while nextPlain < plain.count || nextException < exceptions.count {
                if nextException == exceptions.count
                    || nextPlain < plain.count && plain[nextPlain].precedes(exceptions[nextException].key) {
                    let cell = plain[nextPlain]
                    nextPlain += 1
                    hash.update(field: cell.field, element: cell.element, writes: 1)
                    hash.update(authorship: authorship, value: cell.value)
                } else {
                    let cell = exceptions[nextException]
                    nextException += 1
                    cell.key.element.withUnsafeBytes { hash.update(field: cell.key.field, element: $0, writes: cell.writes.count) }
                    for write in cell.writes { hash.update(write: write, key: key) }
                }
            }
        }
        let context = context
        hash.update(UInt64(context.entries.count))
        for entry in context.entries { hash.update(dot: Dot(origin: entry.origin, sequence: entry.sequence)) }
        hash.update(UInt64(scopesLeft.count))
        for scope in scopesLeft { hash.update(scope) }
        return hash.finalize()
    }
}

extension Write {
    /// A hash of all that the write carries, by which writes under one dot are put in order.
    var contentHash: Digest128 {
        let key = HashKey(first: 0, second: 0)
        var hash = SipHash128(key: key)
        hash.update(write: self, key: key)
        return hash.finalize()
    }
}

extension Digest128 {
    /// The keyed hash of a dot with its header: one for all cells that the write made.
    fileprivate init(of dot: Dot, _ header: Header, key: HashKey) {
        var hash = SipHash128(key: key)
        hash.update(dot: dot)
        hash.update(header: header)
        self = hash.finalize()
    }
}

extension SipHash128 {
    fileprivate mutating func update(field: UInt64, element: UnsafeRawBufferPointer, writes: Int) {
        update(field)
        update(UInt64(element.count) << 32 | UInt64(writes))
        update(element)
    }

    /// Feeds a write that carries nothing but a value.
    fileprivate mutating func update(authorship: Digest128, value: UnsafeRawBufferPointer) {
        update(authorship.high)
        update(authorship.low)
        update(UInt64(value.count) << 2 | 1)
        update(value)
    }

    fileprivate mutating func update(dot: Dot) {
        update(dot.origin.rawValue)
        update(dot.sequence)
    }

    fileprivate mutating func update(header: Header) {
        update(UInt64(bitPattern: header.stamp.rawValue))
        update(header.author)
        update(header.source == nil ? 0 : 1 as UInt64)
        if let source = header.source { update(source) }
        update(header.operation.high)
        update(header.operation.low)
    }

    fileprivate mutating func update(write: Write, key: HashKey) {
        let authorship = Digest128(of: write.dot, write.header, key: key)
        let carriesMore = !write.overrules.isEmpty || write.seen != nil || write.original != nil
        if let value = write.value, !carriesMore { return value.withUnsafeBytes { update(authorship: authorship, value: $0) } }
        update(authorship.high)
        update(authorship.low)
        update(UInt64(write.value?.count ?? 0) << 2 | (carriesMore ? 2 : 0) | (write.value == nil ? 0 : 1))
        if let value = write.value { value.withUnsafeBytes { update($0) } }
        guard carriesMore else { return }
        update(UInt64(write.overrules.count))
        for overruling in write.overrules {
            switch overruling {
            case .write(let dot):
                update(0)
                update(dot: dot)
            case .statement(let digest):
                update(1)
                update(digest.high)
                update(digest.low)
            }
        }
        update(write.seen == nil ? 0 : 1 as UInt64)
        if let seen = write.seen {
            update(UInt64(seen.entries.count))
            for entry in seen.entries { update(dot: Dot(origin: entry.origin, sequence: entry.sequence)) }
        }
        update(write.original == nil ? 0 : 1 as UInt64)
        if let original = write.original { update(dot: original) }
    }
}
