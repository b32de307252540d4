public import ProfileModel

/// A property of a system's records that is computed here: it is only written, and what the system says in it is no word on the customer.
public struct MappedComputation: Sendable, Equatable {
    /// What is computed.
    public enum Rule: Sendable, Equatable {
        /// Whether an expression, as `limn find` takes it, finds the customer.
        case segment(expression: String)
        case score(CustomerScore)
    }

    /// Of a segment what people call it; of a score which one it is.
    public var name: String
    public var remote: String
    public var rule: Rule
    public var form: ValueForm

    /// Whether the property lists the names of a customer's segments, as its name says by a bracket at its end; else it says yes or no.
    public var isList: Bool { remote.hasSuffix("]") }

    var isSegment: Bool {
        if case .segment = rule { true } else { false }
    }

    public init(name: String, remote: String, rule: Rule, form: ValueForm? = nil) {
        self.name = name
        self.remote = remote
        self.rule = rule
        self.form = form ?? MappedComputation.standardForm(of: rule, isList: remote.hasSuffix("]"))
    }

    private static func standardForm(of rule: Rule, isList: Bool) -> ValueForm {
        switch rule {
        case .segment: ValueForm(isList ? .text : .boolean)
        case .score: ValueForm(.number)
        }
    }

    /// The property as a field that is only written.
    var field: MappedField { MappedField(local: name, remote: remote, direction: .out, form: form) }

    /// The line of a mapping that says it.
    public var line: String {
        switch rule {
        case .segment(let expression): ["segment", name, remote, expression, form.text].joined(separator: "\t")
        case .score: ["score", name, remote, form.text].joined(separator: "\t")
        }
    }

    /// What is compared of a value of it: values that stand there, or are to, by what they mean here; no is nothing.
    public func comparable(_ texts: [String], now: Int64) -> Set<String> {
        let type: FieldType = if isList { .text } else if case .score = rule { .decimal } else { .boolean }
        let field = Field(id: .content, name: name, type: type, labelEnglish: name, labelChinese: name)
        let keys = Set(texts.filter { !$0.trimmingBlanks.isEmpty }.map { form.comparable(form.local($0), field: field, now: now) })
        return type == .boolean ? keys.subtracting(["false"]) : keys
    }
}

extension MappedObject {
    /// All that is read of a record: fields, what is computed here, and what conditions look at.
    var properties: [MappedField] {
        var all = fields
        for computation in computations where !all.contains(where: { $0.remote == computation.remote }) { all.append(computation.field) }
        for remote in asked where !all.contains(where: { $0.remote == remote }) { all.append(MappedField(local: remote, remote: remote, direction: .in)) }
        return all
    }

    /// The computations by their properties: several segments share one that lists them.
    public var computedProperties: [(remote: String, computations: [MappedComputation])] {
        var found: [(remote: String, computations: [MappedComputation])] = []
        for computation in computations {
            if let place = found.firstIndex(where: { $0.remote == computation.remote }) {
                found[place].computations.append(computation)
            } else {
                found.append((computation.remote, [computation]))
            }
        }
        return found
    }

    /// What each of the system's own fields is here.
    public var localNames: [String: [String]] {
        var found: [String: [String]] = [:]
        for field in fields { for name in PersonNameParts.names(field.remote) { found[MappedRESTSystem.path(name), default: []].append(field.local) } }
        for computation in computations {
            found[MappedRESTSystem.path(computation.remote), default: []].append("\(computation.isSegment ? "segment" : "score") \(computation.name)")
        }
        return found
    }

    /// A value as a document of the system holds it: yes or no and numbers are written as such where the mapping says that they are.
    func document(_ value: RemoteValue, of remote: String) -> JSON {
        guard case .text(let text) = value, let form = properties.first(where: { $0.remote == remote })?.form else { return value.document }
        switch form.kind {
        case .boolean: return text == "true" ? true : text == "false" ? false : value.document
        case .number: if case .number(let digits)? = JSON(Array(text.utf8)) { return .number(digits) } else { return value.document }
        default: return value.document
        }
    }
}

extension ConnectorMapping {
    /// The mapping without what says who is in a segment: where only that differs, records need not be read again.
    public var withoutExpressions: ConnectorMapping {
        var mapping = self
        for object in mapping.objects.indices {
            for place in mapping.objects[object].computations.indices {
                if case .segment = mapping.objects[object].computations[place].rule {
                    mapping.objects[object].computations[place].rule = .segment(expression: "")
                }
            }
        }
        return mapping
    }
}
