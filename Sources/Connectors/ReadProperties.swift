/// The properties of an object, whose names are taken apart once for all records that are read.
struct ReadProperties {
    private struct Property {
        /// As the mapping writes it.
        let remote: String
        /// The system's own names, without the bracket that says that one holds several values: two of a person's name.
        let names: [String]
        let isList: Bool
    }

    let object: MappedObject
    /// What finds the members of records.
    let members = JSONMembers()
    /// In the order of the names, each of which stands once.
    private let properties: [Property]
    private let names: [String]

    init(_ object: MappedObject) {
        self.object = object
        let fields = Dictionary(object.properties.map { ($0.remote, $0) }) { first, _ in first }
        properties = fields.values.sorted { $0.remote < $1.remote }.map { field in
            let parts = PersonNameParts.names(field.remote)
            return Property(
                remote: field.remote, names: (parts.count == 2 ? parts : [field.remote]).map(MappedRESTSystem.path), isList: field.isList)
        }
        names = properties.map(\.remote)
    }

    /// What a record tells, by the names of the mapping.
    ///
    /// - Parameter value: what stands under one of the system's own names; nil where the record does not tell it.
    func fields(_ value: (_ name: String, _ isList: Bool) -> RemoteValue?) -> RemoteFields {
        var values: [RemoteValue] = [], untold: Set<Int> = []
        values.reserveCapacity(properties.count)
        for (index, property) in properties.enumerated() {
            if let told = PersonNameParts.read(property.names, { value($0, property.isList) }) { values.append(told) } else { untold.insert(index) }
        }
        return RemoteFields(names: untold.isEmpty ? names : names.indices.filter { !untold.contains($0) }.map { names[$0] }, values: values)
    }
}
