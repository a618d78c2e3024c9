// A room on ws: a token checked at the upgrade, and the broadcast of the library's own example.
import { createServer } from 'node:http'
import jwt from 'jsonwebtoken'
import { WebSocket, WebSocketServer } from 'ws'
import { FIRST_FRAME, SECRET, bearer, obey } from './commands.mjs'

const server = createServer()
const room = new WebSocketServer({ noServer: true, perMessageDeflate: false })

server.on('upgrade', (request, socket, head) => {
  try {
    jwt.verify(bearer(request.headers), SECRET, { algorithms: ['HS256'] })
  } catch {
    socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    return
  }
  room.handleUpgrade(request, socket, head, (viewer) => {
    viewer.on('error', () => viewer.terminate())
    viewer.send(FIRST_FRAME)
  })
})

obey(server, (payload) => {
  for (const viewer of room.clients) {
    if (viewer.readyState === WebSocket.OPEN) viewer.send(payload)
  }
  return room.clients.size
})
