/// WebSocket connections (RFC 6455) as they stand in the journal: records with times, in them frames, in them messages,
/// which permessage-deflate may have shortened (RFC 7692); and the turns that messages make.
@NullMarked
package io.hypaware.project.websocket;

import org.jspecify.annotations.NullMarked;
