internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Messages
internal import NIOCore
internal import ProfileModel
internal import Replication

extension Response {
    /// A whole answer in JSON, which no cache keeps.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return whole(Array(try encoder.encode(value)), type: SyncEndpoint.messageType, status: status)
    }

    /// A whole answer.
    static func whole(_ bytes: [UInt8], type: String, status: HTTPResponse.Status) -> Response {
        Response(status: status, headers: fields(type), body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// An answer that is given before the request's body was read to its end.
    static func early(_ bytes: [UInt8], type: String, status: HTTPResponse.Status, rest: RequestReader) -> Response {
        Response(status: status, headers: fields(type), body: ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes))
            try await writer.finish(nil)
            try await rest.drain()
        })
    }

    /// The refusal of a request: `{"error":{"code","message","parameters"}}`.
    ///
    /// The message is English and for people who look at the bytes; a caller makes its own text from the code.
    static func refusal(_ error: any Error, rest: RequestReader) throws -> Response {
        let error: any CodedError = error as? any CodedError ?? SyncError.failedThere(500)
        let refusal = Refusal(error: Refusal.Content(
            code: error.code, message: Catalogue.text(error.code, error.parameters, in: .english), parameters: error.parameters))
        let status = status(of: error)
        var response = early(
            Array(try JSONEncoder().encode(refusal)), type: SyncEndpoint.messageType, status: status, rest: rest)
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        if status == .serviceUnavailable || status == .tooManyRequests { response.headers[.retryAfter] = "1" }
        return response
    }

    private static func fields(_ type: String) -> HTTPFields {
        [.contentType: type, .cacheControl: "no-store"]
    }

    private static func status(of error: any CodedError) -> HTTPResponse.Status {
        switch error.code {
        case "server.token-missing", "server.token-unknown", "security.token-malformed": .unauthorized
        case "hook.unverified": .unauthorized
        case "hook.unreadable": .badRequest
        case "hook.too-many": .tooManyRequests
        case "server.token-used": .forbidden
        case "server.not-found": .notFound
        case "server.wrong-method": .methodNotAllowed
        case "server.too-large": .contentTooLarge
        case "server.too-slow": .requestTimeout
        default: error.retry == .afterBackOff ? .serviceUnavailable : .internalServerError
        }
    }
}

/// Why a request was refused, as it travels.
private struct Refusal: Encodable {
    struct Content: Encodable {
        let code: String
        let message: String
        let parameters: [String: String]
    }

    let error: Content
}
