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
        var nextPlain = 0, nextException = 0
        while nextPlain < plain.count || nextException < exceptions.count {
            let takesPlain = nextException == exceptions.count
                || nextPlain < plain.count && plain[nextPlain].key < exceptions[nextException].key
            if takesPlain, let base {
                let cell = plain[nextPlain]
                nextPlain += 1
                hash.update(cell.key.field)
                hash.update(cell.key.element)
                hash.update(1)
                hash.update(dot: base.dot)
                hash.update(header: base.header)
                hash.update(1)
                hash.update(cell.value)
                hash.update(0)
            } else {
                let cell = exceptions[nextException]
                nextException += 1
                hash.update(cell.key.field)
                hash.update(cell.key.element)
                hash.update(UInt64(cell.writes.count))
                for write in cell.writes { hash.update(write: write) }
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
        var hash = SipHash128(key: HashKey(first: 0, second: 0))
        hash.update(write: self)
        return hash.finalize()
    }
}

extension SipHash128 {
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

    fileprivate mutating func update(write: Write) {
        update(dot: write.dot)
        update(header: write.header)
        update(write.value == nil ? 0 : 1 as UInt64)
        if let value = write.value { update(value) }
        if write.overrules.isEmpty, write.seen == nil, write.original == nil {
            update(0)
            return
        }
        update(1)
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
