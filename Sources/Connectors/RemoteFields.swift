/// What a record tells, by the names that the mapping gives its fields: each name once, in the order of the names.
///
/// Records of a page that tell the same share their names.
public struct RemoteFields: Sendable, Equatable {
    public private(set) var names: [String] = []
    /// As many as names.
    public private(set) var values: [RemoteValue] = []

    public init() {}

    public init(_ fields: [String: RemoteValue]) {
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            names.append(name)
            values.append(value)
        }
    }

    /// - Parameter names: in their order, each once.
    init(names: [String], values: [RemoteValue]) {
        (self.names, self.values) = (names, values)
    }

    /// The value of a field; nil where it was not told.
    ///
    /// - Complexity: a search by halves.
    public subscript(name: String) -> RemoteValue? {
        get {
            let place = place(of: name)
            return place < names.count && names[place] == name ? values[place] : nil
        }
        set {
            let place = place(of: name), isKnown = place < names.count && names[place] == name
            switch (newValue, isKnown) {
            case (let value?, true): values[place] = value
            case (let value?, false):
                names.insert(name, at: place)
                values.insert(value, at: place)
            case (nil, true):
                names.remove(at: place)
                values.remove(at: place)
            case (nil, false): break
            }
        }
    }

    /// The index of a name, or where it would stand.
    private func place(of name: String) -> Int {
        var low = 0, high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension RemoteFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, RemoteValue)...) { self.init(Dictionary(elements) { _, last in last }) }
}
