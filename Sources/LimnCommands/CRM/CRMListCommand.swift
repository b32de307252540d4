internal import ArgumentParser
internal import Connectors
internal import Messages
internal import NodeOperations

extension CRMCommand {
    /// `limn crm list`: the systems that the deployment is in step with.
    struct List: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.crm.list"))
        }

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode(), connectors = try node.connectors(), schedules = try node.connectorSchedules()
            @Sendable func schedule(_ connector: Connector) -> WorkSchedule? { schedules.first { $0.name == connector.name } }
            let data = connectors.map { JSONValue.object($0.members + [.init("schedule", schedule($0).map(\.data) ?? .null)]) }
            let talk = connectors.isEmpty ? [Catalogue.text("say.no-crm")] : []
            return CommandOutcome("crm-list", data: ["connectors": .array(data)], talk: talk) { page in
                if connectors.isEmpty { return }
                var table = TextTable([
                    .init(Catalogue.text("label.name"), shrinks: false), .init(Catalogue.text("label.crm-system"), shrinks: false),
                    .init(Catalogue.text("label.url")), .init(Catalogue.text("label.crm-owner")),
                    .init(Catalogue.text("label.schedule-times"), shrinks: false), .init(Catalogue.text("label.schedule-last")),
                    .init(Catalogue.text("label.schedule-next")),
                ])
                for connector in connectors {
                    let schedule = schedule(connector)
                    table.add([
                        connector.name, connector.system, connector.url, connector.ownerName, schedule?.times ?? "–", schedule?.lastText ?? "–",
                        schedule.map { WorkSchedule.time($0.next) } ?? "–",
                    ])
                }
                page.table(table)
            }
        }
    }

    /// `limn crm map`: what a system's fields mean, to see and to change.
    struct Map: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "map", abstract: Catalogue.text("help.crm.map"), discussion: Catalogue.text("help.crm.map.discussion"))
        }

        @Argument(help: .text("help.crm.one"))
        var name: String

        @Option(parsing: .upToNextOption, help: .text("help.crm.map.set", value: "edit"))
        var set: [String] = []

        @Option(help: .text("help.crm.map-file", value: "file"), completion: .file())
        var file: String?

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            var talk: [String] = []
            if file != nil || !set.isEmpty {
                _ = try node.mapConnector(name, text: file.map(CRMCommand.mapping), edits: set)
                talk = [Catalogue.text("say.crm-mapped", ["name": name])]
            }
            let text = try node.mapping(of: node.connectors(named: [name])[0])
            return CommandOutcome("crm-map", data: ["name": .string(name), "mapping": .string(text)], talk: talk) { page in
                for line in text.split(separator: "\n") { page.line(String(line)) }
            }
        }
    }

    /// `limn crm fields`: the kinds of records and the fields that a system has, as it describes them.
    struct Fields: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "fields", abstract: Catalogue.text("help.crm.fields"))
        }

        @Argument(help: .text("help.crm.one"))
        var name: String

        @Option(help: .text("help.sync.ca-file", value: "file"), completion: .file())
        var caFile: String?

        func run(in invocation: Invocation) throws -> CommandOutcome {
            var options = ConnectorOptions()
            options.certificateAuthorityFile = caFile
            let node = try invocation.openNode(), objects = try node.describeConnector(name, options: options)
            let here = try node.localNames(node.connectors(named: [name])[0])
            @Sendable func locals(_ object: RemoteObject, _ field: RemoteField) -> [String] { here[object.name]?[field.name] ?? [] }
            let data = objects.map { object -> JSONValue in
                [
                    "object": .string(object.name), "label": .string(object.label),
                    "fields": .array(object.fields.map {
                        ["name": .string($0.name), "label": .string($0.label), "type": .string($0.type), "readOnly": .bool($0.isReadOnly),
                         "here": .array(locals(object, $0).map(JSONValue.string))]
                    }),
                ]
            }
            return CommandOutcome("crm-fields", data: ["objects": .array(data)], isPaged: true) { page in
                for object in objects {
                    page.heading(object.name)
                    var table = TextTable([
                        .init(Catalogue.text("label.name"), shrinks: false), .init(Catalogue.text("label.crm-type")), .init(Catalogue.text("label.crm-label")),
                        .init(Catalogue.text("label.crm-here")),
                    ])
                    for field in object.fields { table.add([field.name, field.type, field.label, locals(object, field).joined(separator: ", ")]) }
                    page.table(table)
                }
            }
        }
    }
}
