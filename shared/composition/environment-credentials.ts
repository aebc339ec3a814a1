/**
 * Stands in for the default credential chain of the AWS clients in the functions' bundles: a function has its
 * credentials in its environment, and the other places of the chain are a fifth of a bundle.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
