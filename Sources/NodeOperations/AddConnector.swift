internal import Causality
public import Connectors
internal import CurlHTTP
internal import NodeEnvironment
internal import NodeSecurity
internal import ProfileModel
internal import ProfileStore
internal import RuleLanguage

extension Node {
    /// Adds a system outside, which this node reads and writes from here on; one of this name that is this node's own gets the new
    /// address, secret and mapping. Nothing is sent yet, but that an address book is looked for at its server; one that is out of reach is taken at its
    /// word.
    ///
    /// - Parameters:
    ///   - name: also the source as which the system speaks; at most 60 characters without colon and blanks.
    ///   - hookSecret: what the system's messages to `/hooks/NAME` prove themselves by; nil keeps what there is.
    ///   - mapping: the text of a mapping; nil takes the one that comes with the program.
    /// - Throws: `crm.bad-name`, `crm.searched-name`, `crm.unknown-system`, `crm.owned-elsewhere`, `crm.mapping-*`, `crm.segment-expression`, `crm.no-lists`, `crm.no-division`, `node.unknown-field`, `http.bad-url`,
    ///   `http.plain-text-refused`, `security.keys-*`; of address books `crm.no-address-book`, `crm.several-address-books`, `crm.named-elsewhere`,
    ///   `crm.too-many-redirects`, `crm.unauthorized`.
    public func addConnector(
        name: String, system: String, url: String, secret: ConnectorSecret, hookSecret: String? = nil, mapping: String? = nil,
        allowsPlainText: Bool = false, options: ConnectorOptions = ConnectorOptions()
    ) throws -> Connector {
        let reserved = [Header.inferredSource, StoreWriter.linkerName, StoreWriter.eraserName]
        guard !name.isEmpty, name.count <= 60, !name.contains(where: { $0 == ":" || $0.isWhitespace }), !reserved.contains(name) else {
            throw NodeError("crm.bad-name", ["name": name])
        }
        if StoreReader.searchedPrefixes.contains(name) { throw NodeError("crm.searched-name", ["name": name]) }
        let origin = try HTTPOrigin(url)
        if !origin.isEncrypted, !origin.isLoopback, !allowsPlainText { throw HTTPError.plainTextRefused(host: origin.host) }
        try CRMSystems.check(system)
        let read = try mapping.map { text throws(ConnectorError) in try ConnectorMapping(text: text) } ?? CRMSystems.standardMapping(system)
        let client = options.client(allowsPlainText: allowsPlainText)
        let url = try CRMSystems.withSearch.contains(system) ? located(system, read, url, secret, client, options) : url
        return try operate("crm add \(name)") { edition in
            let writer = edition.writer, node = try writer.node()
            try checkMapping(read, of: system, writer)
            if let known = try? writer.connector(named: name), known.owner != node.id {
                throw NodeError("crm.owned-elsewhere", ["name": name, "owner": known.ownerName], retry: .afterSomeoneActs)
            }
            let connector = Connector(
                name: name, system: system, url: url, owner: node.id, ownerName: node.name, allowsPlainText: allowsPlainText, mapping: mapping)
            try edition.write(connector, named: name)
            var state = try writer.connectorState(name) ?? ConnectorState(name: name)
            (state.error, state.errorParameters, state.suspendedUntil) = (nil, nil, nil)
            try writer.put(state)
            try keys.change { secrets in
                secrets[KeyName.connector(name)] = secret.text
                if let hookSecret { secrets[KeyName.hook(name)] = hookSecret }
            }
            return connector
        }.result
    }

    /// The address that one leads to.
    private func located(
        _ system: String, _ mapping: ConnectorMapping, _ url: String, _ secret: ConnectorSecret, _ client: HTTPClient.Options, _ options: ConnectorOptions
    ) throws -> String {
        let environment = environment
        let surroundings = CRMSession.Surroundings(
            now: { environment.now().rawValue }, sleep: options.sleep, random: { environment.random() }, isCancelled: { self.isCancelled() })
        let opened = try CRMSystems.open(system, mapping: mapping, baseURL: url, secret: secret, client: client, surroundings: surroundings) { _ in }
        return try opened.system.located() ?? url
    }

    /// Changes what a system's fields mean, on every node; the owner reads all again.
    ///
    /// - Parameters:
    ///   - text: a whole mapping; nil begins with the present one.
    ///   - edits: such as `contacts.phone.direction=in`, one after the other.
    /// - Throws: `crm.no-such-connector`, `crm.mapping-*`, `crm.segment-expression`, `crm.no-lists`, `crm.no-division`, `node.unknown-field`.
    public func mapConnector(_ name: String, text: String? = nil, edits: [String] = []) throws -> Connector {
        try operate("crm map \(name)") { edition in
            var connector = try edition.writer.connector(named: name)
            var mapping = try text.map { text throws(ConnectorError) in try ConnectorMapping(text: text) } ?? Node.mapping(connector)
            for edit in edits { mapping = try mapping.edited(edit) }
            try checkMapping(mapping, of: connector.system, edition.writer)
            connector.mapping = mapping.text
            if try edition.writer.connector(named: name) != connector { try edition.write(connector, named: name) }
            return connector
        }.result
    }

    /// Ends being in step with a system: nothing is read or written there any more. What it said stays.
    ///
    /// - Throws: `crm.no-such-connector`.
    public func removeConnector(_ name: String) throws {
        _ = try operate("crm remove \(name)") { edition in
            _ = try edition.writer.connector(named: name)
            try edition.write(nil, named: name)
            try edition.writer.forgetConnector(name)
            _ = try edition.writer.removeSchedule(.crm, name)
            try keys.change { ($0[KeyName.connector(name)], $0[KeyName.hook(name)]) = (nil, nil) }
        }
    }

    /// - Throws: `node.unknown-field` where a mapping names a field that there is not; `crm.segment-expression` where a segment is
    ///   none; `crm.no-lists` where a system has no lists; `crm.no-division` where its models are not divided.
    private func checkMapping(_ mapping: ConnectorMapping, of system: String, _ reader: StoreReader) throws {
        if !CRMSystems.withLists.contains(system), mapping.objects.contains(where: { !$0.lists.isEmpty }) { throw NodeError("crm.no-lists", ["system": system]) }
        if !CRMSystems.withDivisions.contains(system), mapping.objects.contains(where: { $0.model != $0.name }) {
            throw NodeError("crm.no-division", ["system": system])
        }
        let input = try FieldInput(reader)
        for object in mapping.objects where !object.isEvent {
            for field in object.fields { _ = try input.field(field.local) }
            for computation in object.computations {
                guard case .segment(let expression) = computation.rule else { continue }
                do { _ = try reader.segment(expression, input) } catch let error as RuleError {
                    let place = ["segment": computation.name, "object": object.name, "reason": error.code]
                    throw NodeError("crm.segment-expression", error.parameters.merging(place) { $1 })
                }
            }
        }
    }
}
