// The whole AT network on loopback, from the package @atproto/dev-env: identities, a personal data server, the AppView
// and moderation. Prints one line with its addresses; lives until its standard input ends.
const { createServer } = require('node:net')
const { TestNetwork } = require('@atproto/dev-env')

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function main() {
  const port = await freePort()
  // Pictures are shown at addresses below publicUrl: here, so that they can be fetched.
  const bsky = { port, publicUrl: `http://localhost:${port}` }
  const network = await TestNetwork.create({ dbPostgresSchema: 'choir', bsky })
  console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }))
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
