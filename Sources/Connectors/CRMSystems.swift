public import CurlHTTP
internal import ProfileModel

/// The systems that there are: one line each, and one mapping each in `peers/crm`.
public enum CRMSystems {
    private struct Entry {
        let name: String
        let limits: [String: TokenBucket.Limit]
        let make: @Sendable (CRMSession, ConnectorMapping) throws -> any CRMSystem
    }

    private static func entry(_ name: String) -> Entry? {
        switch name {
        case "carddav": Entry(name: name, limits: [:]) { session, mapping in CardDAVSystem(session: session, mapping: mapping) }
        case "fxiaoke": Entry(name: name, limits: FxiaokeSystem.limits) { session, mapping in FxiaokeSystem(session: session, mapping: mapping) }
        case "hubspot": Entry(name: name, limits: HubSpotSystem.limits) { session, mapping in HubSpotSystem(session: session, mapping: mapping) }
        case "jiandaoyun": Entry(name: name, limits: JiandaoyunSystem.limits) { session, mapping in JiandaoyunSystem(session: session, mapping: mapping) }
        case "salesforce": Entry(name: name, limits: [:]) { session, mapping in SalesforceSystem(session: session, mapping: mapping) }
        case "zoho": Entry(name: name, limits: ZohoSystem.limits) { session, mapping in ZohoSystem(session: session, mapping: mapping) }
        case "tryton": Entry(name: name, limits: [:]) { session, _ in TrytonSystem(session: session) }
        case "rest": Entry(name: name, limits: [:]) { session, mapping in MappedRESTSystem(session: session, mapping: mapping) }
        default: nil
        }
    }

    /// The names of the systems, in the order of the alphabet.
    public static let names = ["carddav", "fxiaoke", "hubspot", "jiandaoyun", "rest", "salesforce", "tryton", "zoho"]

    /// The systems whose lists can be tags here.
    public static let withLists: Set<String> = ["hubspot"]

    /// The systems whose address may be found from another one, which takes asking them.
    public static let withSearch: Set<String> = ["carddav"]

    /// The systems of which several objects may divide one model.
    public static let withDivisions: Set<String> = ["rest", "tryton"]

    /// - Throws: `crm.unknown-system`.
    public static func check(_ name: String) throws(ConnectorError) {
        if !names.contains(name) { throw unknown(name) }
    }

    /// The mapping that comes with a system.
    ///
    /// - Throws: `crm.unknown-system`, `crm.mapping-needed` where the system has none of its own.
    public static func standardMapping(_ name: String) throws(ConnectorError) -> ConnectorMapping {
        try check(name)
        guard let text = EmbeddedFile.text("peers/crm/\(name).tsv") else { throw ConnectorError("crm.mapping-needed", ["system": name]) }
        return try ConnectorMapping(text: text)
    }

    /// A system ready to be asked.
    ///
    /// - Throws: `crm.unknown-system`, and what the mapping's settings make impossible.
    public static func open(
        _ name: String, mapping: ConnectorMapping, baseURL: String, secret: ConnectorSecret, client: HTTPClient.Options,
        surroundings: CRMSession.Surroundings, keep: @escaping (ConnectorSecret) throws -> Void
    ) throws -> (system: any CRMSystem, session: CRMSession) {
        guard let entry = entry(name) else { throw unknown(name) }
        let session = CRMSession(
            baseURL: baseURL, secret: secret, client: client, limits: entry.limits, surroundings: surroundings, keep: keep)
        return (try entry.make(session, mapping), session)
    }

    private static func unknown(_ name: String) -> ConnectorError {
        ConnectorError("crm.unknown-system", ["system": name, "known": names.joined(separator: ", ")])
    }
}
