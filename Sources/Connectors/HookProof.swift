/// How the messages that a system sends by itself prove who sent them.
public enum HookProof: Sendable, Equatable {
    /// HubSpot's signature of version 3: HMAC-SHA256 in base 64 of method, address, body and time, no older than five minutes.
    case hubSpot
    /// 简道云's: SHA-1 in hexadecimal digits of `nonce:body:secret:timestamp`.
    case jiandaoyun
    /// A member of the body that holds the secret, as Zoho echoes it; and the channel, where it is set.
    case member(String, channel: String?)
    /// A hash of the body under the secret, in a header.
    case signature(header: String, isSHA1: Bool, isBase64: Bool, prefix: String)
    /// The secret itself, as `token` in the address or in `Authorization: Bearer`: for systems that sign nothing.
    case token

    /// A system's own; any system's mapping may set `hook-signature-header` and what belongs to it.
    ///
    /// - Throws: `crm.mapping-setting`.
    public init(system: String, mapping: ConnectorMapping) throws(ConnectorError) {
        let settings = mapping.settings
        func setting(_ key: String, _ known: [String]) throws(ConnectorError) -> String {
            let value = settings[key] ?? known[0]
            guard known.contains(value) else { throw ConnectorError("crm.mapping-setting", ["object": system, "key": key]) }
            return value
        }
        if let header = settings["hook-signature-header"] {
            self = .signature(
                header: header.lowercased(), isSHA1: try setting("hook-signature", ["hmac-sha256", "hmac-sha1"]) == "hmac-sha1",
                isBase64: try setting("hook-signature-form", ["hex", "base64"]) == "base64", prefix: settings["hook-signature-prefix"] ?? "")
            return
        }
        switch system {
        case "hubspot": self = .hubSpot
        case "jiandaoyun": self = .jiandaoyun
        case "zoho": self = .member("token", channel: settings["hook-channel"])
        default: self = .token
        }
    }

    /// What it is called for people and programs.
    public var name: String {
        switch self {
        case .hubSpot: "hubspot-v3"
        case .jiandaoyun: "jiandaoyun-sha1"
        case .member: "body-token"
        case .signature: "signature"
        case .token: "address-token"
        }
    }

    /// Whether this node may choose the secret, and tells it to the system; else the system gives it.
    public var isSecretOurs: Bool {
        switch self {
        case .member, .token: true
        case .hubSpot, .jiandaoyun, .signature: false
        }
    }
}

/// What a system's own message tells: only that there is something to read.
public enum HookEvents {
    /// A message has at most so many values, and so many events.
    private static let valuesMaximum = 400_000, eventsMaximum = 10_000

    /// What tells the events of a message apart, however often and with whatever attempt they come; nil where it is not of the system's form.
    public static func identities(system: String, body: [UInt8]) -> [[UInt8]]? {
        guard system == "hubspot" else { return [body] }
        guard let events = document(body)?.items, events.count <= eventsMaximum else { return nil }
        let names = ["eventId", "subscriptionId", "portalId", "objectId", "occurredAt", "subscriptionType", "propertyName"]
        var identities: [[UInt8]] = []
        for event in events {
            guard case .object = event else { return nil }
            identities.append(JSON.array(names.map { event[$0] }).bytes)
        }
        return identities
    }

    /// A message's body as JSON; nil where it is none, or has more values than are read.
    public static func document(_ body: [UInt8]) -> JSON? {
        JSON(body, valuesMaximum: valuesMaximum)
    }

    /// What a system wants to hear, so that it does not send the message again.
    public static func answer(system: String) -> (type: String, body: String) {
        guard system == "salesforce" else { return ("application/json", "{\"status\":\"ok\"}") }
        return (
            "text/xml; charset=utf-8",
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><notificationsResponse "
                + "xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>"
        )
    }
}
