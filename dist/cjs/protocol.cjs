'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var depth = require('./protocol/depth.cjs');
var ends = require('./protocol/ends.cjs');
var messages = require('./protocol/messages.cjs');
var packets = require('./protocol/packets.cjs');
var parts = require('./protocol/parts.cjs');
var utf8 = require('./protocol/utf8.cjs');



exports.countContainers = depth.countContainers;
exports.END = ends.END;
exports.reasonOf = ends.reasonOf;
exports.createMessage = messages.createMessage;
exports.encodeEntry = messages.encodeEntry;
exports.encodeWhole = messages.encodeWhole;
exports.BINARY = packets.BINARY;
exports.BRIDGE_HEADER = packets.BRIDGE_HEADER;
exports.FRAME = packets.FRAME;
exports.MAX_BATCH = packets.MAX_BATCH;
exports.MAX_DEPTH = packets.MAX_DEPTH;
exports.MAX_ENTRIES = packets.MAX_ENTRIES;
exports.MAX_MESSAGE = packets.MAX_MESSAGE;
exports.MAX_RECIPIENTS = packets.MAX_RECIPIENTS;
exports.MAX_TOKEN = packets.MAX_TOKEN;
exports.MAX_USER_ID = packets.MAX_USER_ID;
exports.MESSAGE_OVERHEAD = packets.MESSAGE_OVERHEAD;
exports.PART = packets.PART;
exports.REFUSED = packets.REFUSED;
exports.VERSION = packets.VERSION;
exports.awaitsFrame = packets.awaitsFrame;
exports.maxContainers = packets.maxContainers;
exports.packet = packets.packet;
exports.MIN_PART_LENGTH = parts.MIN_PART_LENGTH;
exports.addPart = parts.addPart;
exports.isPart = parts.isPart;
exports.joinParts = parts.joinParts;
exports.byteLength = utf8.byteLength;
