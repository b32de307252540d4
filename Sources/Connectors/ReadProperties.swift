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
    private let properties: [Property]

    init(_ object: MappedObject) {
        self.object = object
        properties = object.properties.map { field in
            let parts = PersonNameParts.names(field.remote)
            return Property(
                remote: field.remote, names: (parts.count == 2 ? parts : [field.remote]).map(MappedRESTSystem.path), isList: field.isList)
        }
    }

    /// What a record tells, by the names of the mapping.
    ///
    /// - Parameter value: what stands under one of the system's own names; nil where the record does not tell it.
    func fields(_ value: (_ name: String, _ isList: Bool) -> RemoteValue?) -> [String: RemoteValue] {
        var fields = [String: RemoteValue](minimumCapacity: properties.count)
        for property in properties { fields[property.remote] = PersonNameParts.read(property.names) { value($0, property.isList) } }
        return fields
    }
}
