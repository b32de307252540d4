internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// `limn fields`: the fields that customers have, and new ones.
struct FieldsCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "fields", abstract: Catalogue.text("help.fields"), discussion: Catalogue.text("help.fields.discussion"),
            subcommands: [FieldsListCommand.self, FieldsAddCommand.self, FieldsOrderCommand.self], defaultSubcommand: FieldsListCommand.self)
    }
}

struct FieldsListCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.fields.list"))
    }

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let fields = try invocation.openNode().fields().catalogue.fields
        var outcome = CommandOutcome("fields", data: ["fields": .array(fields.map(\.data))]) { page in
            var table = TextTable(["name", "type", "label", "policy", "sensitivity"].map {
                TextTable.Column(Catalogue.text("label.field-\($0)"), shrinks: $0 == "label")
            })
            for field in fields {
                table.add([field.name, field.typeText, field.label, field.policy.rawValue, field.sensitivity.rawValue])
            }
            page.table(table)
        }
        outcome.isPaged = true
        return outcome
    }
}

struct FieldsAddCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "add", abstract: Catalogue.text("help.fields.add"), discussion: Catalogue.text("help.fields.add.discussion"))
    }

    @Argument(help: .text("help.fields.name")) var name: String
    @Option(help: .text("help.fields.type")) var type: Choice<FieldType>
    @Flag(help: .text("help.fields.set")) var set = false
    @Option(help: .text("help.fields.label", value: "text")) var label: String?
    @Option(help: .text("help.fields.label-zh", value: "text")) var labelZh: String?
    @Option(help: .text("help.fields.policy")) var policy = Choice(SurvivorshipPolicy.latest)
    @Option(help: .text("help.fields.sensitivity")) var sensitivity = Choice(Sensitivity.internal)

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let (field, operation) = try invocation.openNode().defineField(FieldDefinition(
            name: name, type: type.value, isSet: set, label: label, labelChinese: labelZh, policy: policy.value, sensitivity: sensitivity.value))
        return CommandOutcome(
            "fields", data: ["fields": .array([field.data]), "operation": JSONValue(id: operation)],
            talk: ShownText.talk(Catalogue.text("say.field-added", ["field": field.name]), operation))
    }
}

/// `limn fields order`: in which order sources are believed.
struct FieldsOrderCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "order", abstract: Catalogue.text("help.fields.order"), discussion: Catalogue.text("help.fields.order.discussion"))
    }

    @Argument(help: .text("help.fields.order.sources")) var sources: [String] = []
    @Flag(help: .text("help.fields.order.clear")) var clear = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        if clear, !sources.isEmpty { throw UsageError.exclusive(first: "--clear", second: "SOURCE") }
        let node = try invocation.openNode()
        let isAsking = sources.isEmpty && !clear
        let operation = isAsking ? nil : try node.orderSources(sources)
        let order = try node.sourceOrder().sources
        let said = order.isEmpty ? Catalogue.text("say.sources-unordered") : Catalogue.text("say.sources-ordered")
        return CommandOutcome(
            "fields-order", data: ["sources": JSONValue(order), "operation": JSONValue(id: operation)],
            talk: isAsking ? (order.isEmpty ? [said] : []) : ShownText.talk(said, operation)
        ) { page in order.forEach { page.line($0) } }
    }
}

/// One of the vocabulary's names as an argument.
struct Choice<Value: RawRepresentable<String> & CaseIterable>: ExpressibleByArgument {
    let value: Value

    init(_ value: Value) { self.value = value }

    init?(argument: String) {
        guard let value = Value(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
    var defaultValueDescription: String { value.rawValue }
}

extension Field {
    /// What `fields` says of a field.
    fileprivate var data: JSONValue {
        [
            "name": .string(name), "type": .string(type.rawValue), "label": .string(label), "policy": .string(policy.rawValue),
            "sensitivity": .string(sensitivity.rawValue), "set": .bool(isSet),
            "kinds": JSONValue(kinds.map(\.name).sorted()), "custom": .bool(id.isCustom),
        ]
    }

    fileprivate var typeText: String { isSet ? Catalogue.text("label.field-set", ["type": type.rawValue]) : type.rawValue }
}
