import type { Person, SignIn, SignInWays } from '../contract'

export type SignInFailure = 'wrong' | 'too_often' | 'no_hub' | 'refused'

const JSON_BODY = { 'Content-Type': 'application/json' }

export async function signIn(body: SignIn): Promise<Person | SignInFailure> {
  try {
    const answer = await fetch('/api/session', {
      method: 'POST',
      headers: JSON_BODY,
      body: JSON.stringify(body),
    })
    if (answer.ok) return (await answer.json()) as Person
    if (answer.status === 401) return 'wrong'
    if (answer.status === 429) return 'too_often'
    return answer.status >= 500 ? 'no_hub' : 'refused'
  } catch {
    return 'no_hub'
  }
}

/** Who is signed in; null when nobody is, undefined when the hub does not answer. */
export async function whoAmI(): Promise<Person | null | undefined> {
  try {
    const answer = await fetch('/api/session', { signal: AbortSignal.timeout(4000) })
    if (answer.ok) return (await answer.json()) as Person
    return answer.status === 401 ? null : undefined
  } catch {
    return undefined
  }
}

export async function signOut(): Promise<void> {
  try {
    await fetch('/api/session', { method: 'DELETE' })
  } catch {
    // The view closes all the same; the cookie runs out by itself.
  }
}

/** How people may sign in here; null when the hub does not say. */
export async function signInWays(): Promise<SignInWays | null> {
  try {
    const answer = await fetch('/api/sign-in', { signal: AbortSignal.timeout(4000) })
    return answer.ok ? ((await answer.json()) as SignInWays) : null
  } catch {
    return null
  }
}
