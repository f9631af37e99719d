/// What is recorded, forwarded to the lake of a team: behind the local lake, by a cursor, each row and each payload
/// once, whoever dies when. It needs the network; nothing else does.
@org.jspecify.annotations.NullMarked
package io.hypaware.sink.team;
