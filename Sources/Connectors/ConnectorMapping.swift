/// What the fields of a system mean here.
///
/// A mapping is a text of lines whose columns are divided by tabs; `#` begins a comment:
///
/// ```
/// set KEY VALUE
/// object NAME person|organization|event
/// set KEY VALUE
/// field LOCAL REMOTE [in|out|both] [ignore|clear] [FORM] [manual|remote|local|newest]
/// association REMOTE OBJECT [in|out|both] [FORM]
/// list REMOTE [TAG] [in|both]
/// segment NAME REMOTE EXPRESSION [FORM]
/// score completeness|days-since-event REMOTE [FORM]
/// ```
///
/// Settings before the first object are the system's, others the object's. An object is called as the system calls it; several may divide one
/// model of the system, which `set model NAME` says, by `set where CONDITION` (`MappedCondition`). `LOCAL` is a field of the catalogue; of an event a
/// member of its document, such as `time`, `amount` or `text`. What a `REMOTE` name may
/// be is the system's to say; see the head of its mapping in `peers/crm`. One that ends in a bracket holds several values.
///
/// An association names records of `OBJECT`, another object of the mapping: of people the organizations to which they belong, of an event the
/// customer whom it is about, by the first that tells one. Its form says
/// how the system calls the part that a person has in decisions: `choice:Decision maker=decider|…`; without one it tells none.
///
/// To stand on a list of the system is a tag here: `list REMOTE` names a list by its name or id, and `list *` all that no other line names. A
/// tag that is not given is the list's name there.
///
/// A segment and a score are properties that are computed here and only written: whether an expression finds the customer, and a number. A
/// segment whose `REMOTE` ends in a bracket is one of those whose names the property lists.
public struct ConnectorMapping: Sendable, Equatable {
    public var settings: [String: String]
    public var objects: [MappedObject]

    public init(settings: [String: String] = [:], objects: [MappedObject] = []) {
        self.settings = settings
        self.objects = objects
    }

    public subscript(object name: String) -> MappedObject? { objects.first { $0.name == name } }
}

/// A kind of records that is kept in step.
public struct MappedObject: Sendable, Equatable {
    /// The system's name of it.
    public var name: String
    /// What its records are here: `person`, `organization` or `event`.
    public var kind: String
    public var settings: [String: String]
    public var fields: [MappedField]
    public var associations: [MappedAssociation]
    public var lists: [MappedList]
    public var computations: [MappedComputation]
    /// Fields of the system that conditions look at which divide its model.
    var asked: [String] = []

    public init(
        name: String, kind: String, settings: [String: String] = [:], fields: [MappedField] = [], associations: [MappedAssociation] = [],
        lists: [MappedList] = [], computations: [MappedComputation] = []
    ) {
        self.name = name
        self.kind = kind
        self.settings = settings
        self.fields = fields
        self.associations = associations
        self.lists = lists
        self.computations = computations
    }

    /// What stands before a record's id in its external id, so that records of two kinds with one number are two.
    public var idPrefix: String { settings["id-prefix"] ?? "" }

    /// Whether its records happened with customers, and are read alone.
    public var isEvent: Bool { kind == "event" }

    /// Whether its records are written.
    public var isWritten: Bool { !isEvent && settings["write"] != "no" }

    /// The names under which the system is asked for values.
    public var readNames: [String] { fields.filter { $0.direction != .out }.map(\.remote) }

    /// A whole number among the settings.
    public func number(_ key: String, or standard: Int) -> Int { settings[key].flatMap { Int($0) } ?? standard }
}

/// One field on both sides.
public struct MappedField: Sendable, Equatable {
    /// Which way values go.
    public enum Direction: String, Sendable, CaseIterable { case `in`, out, both }

    /// What an empty value does on the other side.
    public enum BlankRule: String, Sendable, CaseIterable { case ignore, clear }

    /// Who is right where a person and the system have both changed the field.
    public enum Authority: String, Sendable, CaseIterable {
        /// A person decides: it is listed as a conflict.
        case manual
        case remote, local
        /// Whose change is the later one.
        case newest
    }

    public var local: String
    public var remote: String
    public var direction: Direction
    public var blank: BlankRule
    public var form: ValueForm
    public var authority: Authority

    /// Whether the system holds several values in it, as its name says by a bracket at its end: `tags[]`.
    public var isList: Bool { remote.hasSuffix("]") }

    public init(
        local: String, remote: String, direction: Direction = .both, blank: BlankRule = .ignore, form: ValueForm = .standard,
        authority: Authority = .manual
    ) {
        self.local = local
        self.remote = remote
        self.direction = direction
        self.blank = blank
        self.form = form
        self.authority = authority
    }
}

/// What says in a system that records of two kinds belong together.
public struct MappedAssociation: Sendable, Equatable {
    /// The system's name of it: of a lookup, or of what the others are.
    public var remote: String
    /// The object of the mapping that it names records of.
    public var object: String
    public var direction: MappedField.Direction
    /// What the system calls parts in decisions; `standard` where it tells none.
    public var form: ValueForm

    public init(remote: String, object: String, direction: MappedField.Direction = .both, form: ValueForm = .standard) {
        self.remote = remote
        self.object = object
        self.direction = direction
        self.form = form
    }

    /// Whether a record may name several others, as the name says by a bracket at its end.
    public var isList: Bool { remote.hasSuffix("]") }

    /// The system's own name, without the bracket.
    public var name: String { MappedRESTSystem.path(remote) }

    /// Whether it tells the part in decisions.
    public var tellsRoles: Bool { form.kind != .standard }

    /// Our name of a part in decisions that the system calls so; nil where it calls none so.
    public func role(of text: String?) -> String? {
        guard tellsRoles, let text, !text.isEmpty else { return nil }
        if form.kind == .choice { return form.choices.first { $0.remote == text }?.local }
        return form.local(text)
    }

    /// What the system calls a part in decisions; nil where it has no word for it.
    public func text(of role: String) -> String? {
        form.kind == .choice ? form.choices.first { $0.local == role }?.remote : form.remote(role)
    }
}
