// DataExchange
