internal import DataExchange
internal import Foundation
internal import ProfileModel

/// JSON documents of events, tasks and definitions: keys in the order of their bytes, so that equal content is equal bytes.
enum EventDocument {
    enum Value {
        case text(String)
        case flag(Bool)
        case json(String)
    }

    /// Of a document's bytes what names the customer, as a document of that alone; nil where nothing does.
    static func address(of bytes: [UInt8]?) -> [UInt8]? {
        guard let bytes, case .json(let text)? = FieldValue(bytes: bytes),
            let document = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let customer = document["customer"] as? String else { return nil }
        return FieldValue.json(EventDocument.text(["customer": .text(customer)])).bytes
    }

    static func text(_ members: [String: Value]) -> String {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for (key, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            JSONText.append(key, to: &out)
            out.append(UInt8(ascii: ":"))
            switch value {
            case .text(let text): JSONText.append(text, to: &out)
            case .flag(let flag): out += Array(flag ? "true".utf8 : "false".utf8)
            case .json(let text): out += Array(text.utf8)
            }
        }
        out.append(UInt8(ascii: "}"))
        return String(decoding: out, as: UTF8.self)
    }
}
