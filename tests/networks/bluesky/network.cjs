// The whole AT network on loopback, from the package @atproto/dev-env: identities, a personal data server, the AppView
// and moderation. Prints one line with its addresses; lives until its standard input ends.
const { TestNetwork } = require('@atproto/dev-env')

async function main() {
  const network = await TestNetwork.create({ dbPostgresSchema: 'choir' })
  console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }))
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
