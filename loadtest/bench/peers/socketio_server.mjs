// A room on Socket.IO: a token checked by middleware, and io.emit().
import { createServer } from 'node:http'
import jwt from 'jsonwebtoken'
import { Server } from 'socket.io'
import { FIRST_FRAME, SECRET, bearer, obey } from './commands.mjs'

const server = createServer()
const io = new Server(server, {
  transports: ['websocket'],
  perMessageDeflate: false,
  // The audience answers no pings, and no server is to send any while it is measured.
  pingInterval: 3_600_000,
})

io.use((socket, next) => {
  jwt.verify(bearer(socket.handshake.headers), SECRET, { algorithms: ['HS256'] }, (error) => next(error ?? undefined))
})
io.on('connection', (socket) => socket.emit('welcome', FIRST_FRAME))

obey(server, (payload) => {
  io.emit('stock', JSON.parse(payload))
  return io.engine.clientsCount
})
